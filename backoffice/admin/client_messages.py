"""Messages of a client: to the number of the factor, and with the codes that were asked for."""

from datetime import timedelta
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.admin.client_display import MESSAGES
from backoffice.admin.client_tabs import ClientTab
from backoffice.admin.keyset import Find, Span
from backoffice.admin.messages import list_context
from backoffice.admin.messages_form import TabForm
from backoffice.admin.messages_walks import LONGEST_LIFE
from clients.models import User
from smsproviders.models import SmsMessage
from twofa.models import Challenge, SmsConfirmation
from twofa.vocabulary import FactorKind

# The newest that were for another number: more than anybody asks for.
CHALLENGES = 5_000
CLOCKS_APART = timedelta(minutes=1)


class MessagesTab(ClientTab):
    key = MESSAGES
    words = _("Messages")
    permission = "smsproviders.view_smsmessage"
    template = "admin/clients/client/messages.html"

    def context(self) -> dict[str, Any]:
        among = messages_of(self.client.user)
        return {
            **list_context(self.request, TabForm(self.request.GET), among=among),
            "of_one": self.client.user_id,
        }


def messages_of(user: User) -> Find[SmsMessage]:
    """Of the client's codes whatever the number, and all to the number, whoever asked."""
    confirmations = SmsConfirmation.objects.filter(user=user)
    numbers = [str(number) for number in confirmations.values_list("number", flat=True)]
    # Those for the present number are found by it.
    asked = Challenge.objects.filter(user=user, factor=FactorKind.SMS).exclude(number__in=numbers)

    @cache
    def references(span: Span) -> list[str]:
        # A message comes after its challenge, and within its life.
        around = span.wider(before=LONGEST_LIFE, after=CLOCKS_APART)
        keys = around.cut(asked).order_by("-pk").values_list("pk", flat=True)[:CHALLENGES]
        return [str(key) for key in keys]

    def find(span: Span) -> QuerySet[SmsMessage]:
        hers = Q(reference__in=references(span)) | Q(number__in=numbers)
        return span.cut(SmsMessage.objects.filter(hers))

    return find
