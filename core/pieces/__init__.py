"""What the components under templates/components are given to draw; registered as tags in core.templatetags.portal."""
