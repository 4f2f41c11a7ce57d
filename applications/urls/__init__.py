from applications.urls import channel, enterprise

urlpatterns = [*enterprise.urlpatterns, *channel.urlpatterns]
