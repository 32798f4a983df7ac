from django.urls import path

from smsproviders import sandbox_phone, views

app_name = "smsproviders"

urlpatterns = [
    path("sms/reports/<slug:name>/", views.report, name="report"),
    path("sandbox/phone/", sandbox_phone.phone, name="sandbox_phone"),
]
