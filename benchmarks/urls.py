from benchmarks.floor import floor
from core.access import SIGNED_IN, route
from weihai_sm import urls

urlpatterns = [*urls.urlpatterns, route("floor/", floor, name="floor", audience=SIGNED_IN)]
