from applications.urls import channel, enterprise, measures

urlpatterns = [*enterprise.urlpatterns, *channel.urlpatterns, *measures.urlpatterns]
