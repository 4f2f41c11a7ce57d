"""Templates as PDF. Only workers come here: importing the renderer takes seconds."""

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse


class LocalFetcher(URLFetcher):
    """Fetch ``data:`` addresses, ``static:<path>`` and ``font:<file>``; nothing else is ever loaded."""

    def fetch(self, url: str, headers=None) -> URLFetcherResponse:
        kind, _, name = url.partition(":")
        if kind == "data":
            return super().fetch(url, headers)
        if kind == "static" and (path := finders.find(name)):
            return _file(url, path)
        if kind == "font" and "/" not in name and (font := settings.FONT_DIR / name).is_file():
            return _file(url, font)
        raise ValueError(f"Not allowed in a document: {url[:80]}")


def render_pdf(template: str, context: dict) -> bytes:
    """A template as PDF bytes; its stylesheets are ``static:css/….css``."""
    html = HTML(
        string=render_to_string(template, context),
        base_url="static:",
        url_fetcher=LocalFetcher(allowed_protocols=("data",)),
    )
    fonts = FontConfiguration()
    try:
        return html.write_pdf(font_config=fonts)
    finally:
        # Its copies of the fonts, 26 MB a document, would stay on the disk if the worker ended before it is collected.
        fonts.__del__()


def qr_code(text: str) -> str:
    """A QR code as a data address of an SVG image."""
    return segno.make(text, error="m").svg_data_uri(border=0)


def _file(url: str, path) -> URLFetcherResponse:
    with open(path, "rb") as file:
        content_type = "text/css" if str(path).endswith(".css") else "application/octet-stream"
        return URLFetcherResponse(url, file.read(), {"Content-Type": content_type})
