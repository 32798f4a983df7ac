from django.contrib import admin
from django.urls import include, path

from twofa.views.holds import client_hold

urlpatterns = [
    path("", include("backoffice.health")),
    path("", include("twofa.urls")),
    path("holds/<int:client_id>/", client_hold, name="holds"),
    path("", include("smsproviders.urls")),
    path("admin/", admin.site.urls),
]
