from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("backoffice.health")),
    path("", include("twofa.urls")),
    path("", include("smsproviders.urls")),
    path("admin/", admin.site.urls),
]
