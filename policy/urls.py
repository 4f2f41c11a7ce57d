from core.access import PUBLIC, route
from policy import views

urlpatterns = [
    route("measure/", views.measure, name="measure", audience=PUBLIC),
    route("measure/articles/<int:number>/", views.article, name="measure-article", audience=PUBLIC),
]
