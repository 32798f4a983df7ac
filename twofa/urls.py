from django.urls import path

from twofa.views import (
    approving,
    forgotten,
    help_from_support,
    language,
    second_step,
    sign_in,
    status,
)
from twofa.views.activity import ActivityPage
from twofa.views.authenticator import AuthenticatorPage
from twofa.views.lost_device import AskPage, StatusPage, follow_link
from twofa.views.overview import OverviewPage
from twofa.views.password import PasswordPage
from twofa.views.recovery_codes import RecoveryCodesPage
from twofa.views.sessions import SessionsPage
from twofa.views.sms import SmsPage
from twofa.views.staying import stay
from twofa.views.support_pin import SupportPinPage

app_name = "twofa"

urlpatterns = [
    path("", sign_in.start, name="start"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-in/verify/", second_step.Verify.as_view(), name="verify"),
    path("sign-in/other/", second_step.Other.as_view(), name="other"),
    path("sign-in/recovery/", second_step.Recovery.as_view(), name="recovery"),
    path(
        "sign-in/resynchronise/",
        help_from_support.Resynchronise.as_view(),
        name="resynchronise",
    ),
    path("sign-in/support-code/", help_from_support.SupportCode.as_view(), name="support-code"),
    path("sign-in/forgot/", forgotten.ForgotPage.as_view(), name="forgot-password"),
    path("sign-in/forgot/sent/", forgotten.sent, name="forgot-password-sent"),
    path("password/", forgotten.ChoosePage.as_view(), name="choose-password"),
    path("password/<str:token>/", forgotten.follow_link, name="password-link"),
    path("language/", language.choose, name="language"),
    path("sign-in/lost/", AskPage.as_view(), name="lost-device"),
    path("lost-device/", StatusPage.as_view(), name="lost-device-status"),
    path("lost-device/<str:token>/", follow_link, name="lost-device-link"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("stay/", stay, name="stay"),
    path("challenges/<uuid:challenge_id>/status", status.status, name="status"),
    path("security/", OverviewPage.as_view(), name="security"),
    path("security/authenticator/", AuthenticatorPage.as_view(), name="authenticator"),
    path("security/sms/", SmsPage.as_view(), name="sms"),
    path("security/recovery-codes/", RecoveryCodesPage.as_view(), name="recovery-codes"),
    path("security/password/", PasswordPage.as_view(), name="password"),
    path("security/sessions/", SessionsPage.as_view(), name="sessions"),
    path("security/activity/", ActivityPage.as_view(), name="activity"),
    path("security/support-pin/", SupportPinPage.as_view(), name="support-pin"),
    path("approve/", approving.ApprovalPage.as_view(), name="approval"),
    path("approve/<str:token>/", approving.follow_link, name="approval-link"),
]
