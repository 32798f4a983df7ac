"""Causes that lie with one number, its phone, or its network."""

from django.utils.translation import gettext_lazy as _

from twofa.diagnosis.catalogue.entry import Entry
from twofa.diagnosis.vocabulary import Action, CauseId, Owner, Reach

NUMBER = (
    Entry(
        CauseId.NUMBER_MISSING,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("No confirmed number"),
        holds=_("SMS confirmation stands without a confirmed number."),
        summary=_("There is no confirmed number to send a code to."),
        after=_("We have no confirmed number for your codes. Please confirm one under Security."),
        actions=(Action.TELL, Action.OPEN_CLIENT),
    ),
    Entry(
        CauseId.NUMBER_CHANGED,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("Number changed since"),
        holds=_("The profile's number is not the one that codes go to."),
        summary=_("Codes go to %(factor)s, the profile has %(profile)s."),
        after=_(
            "Your codes go to the number you confirmed for them, ending in %(ending)s, which is "
            "not the one in your profile. Confirm the new one under Profile, Security."
        ),
        actions=(Action.TELL, Action.DISABLE_SMS),
    ),
    Entry(
        CauseId.NUMBER_INVALID,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("Not a valid number"),
        holds=_("The number cannot exist, or a provider refused it as invalid."),
        summary=_("%(number)s is not a valid number%(code)s."),
        after=_("The number we have cannot be right. Please confirm the correct one."),
        actions=(Action.TELL, Action.DISABLE_SMS),
    ),
    Entry(
        CauseId.LANDLINE,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("A landline"),
        holds=_("The number is a landline, which takes no SMS."),
        summary=_("%(number)s is a landline or cannot take SMS%(code)s."),
        after=_(
            "The number we have belongs to a landline, which gets no text messages. Please confirm "
            "a mobile number. %(way)s"
        ),
        actions=(Action.TELL, Action.DISABLE_SMS),
    ),
    Entry(
        CauseId.NUMBER_UNKNOWN,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("Number not in service"),
        holds=_("The network says that the number is unknown or no longer active."),
        summary=_("The network does not know %(number)s, or it is no longer active%(code)s."),
        after=_(
            "The network tells us that this number is not in service. Please look whether it is "
            "right, or confirm another one."
        ),
        actions=(Action.TELL, Action.DISABLE_SMS),
    ),
    Entry(
        CauseId.HANDSET_UNREACHABLE,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("Phone not reached"),
        holds=_("The phone is off, has no signal, or is abroad without roaming."),
        summary=_("The phone %(number)s was not reached: off, no signal, or roaming%(code)s."),
        after=_(
            "The network could not reach your phone. Please switch it off and on, look whether it "
            "has signal and, abroad, roaming; then ask for a new code."
        ),
        actions=(Action.TELL, Action.SEND_TEST_CODE),
    ),
    Entry(
        CauseId.OPTED_OUT,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("The client replied STOP"),
        holds=_("The number asked the sender to stop."),
        summary=_("%(number)s replied STOP to %(sender)s%(code)s."),
        after=_(
            "Your phone once answered STOP to %(sender)s, so nothing more may be sent from it. "
            "%(answer)s %(way)s"
        ),
        actions=(Action.TELL, Action.OPEN_PROVIDER),
    ),
    Entry(
        CauseId.CARRIER_BLOCKED,
        Owner.UNKNOWN,
        Reach.METHOD,
        title=_("Blocked on the way"),
        holds=_("A network, a filter or the phone refused the message; nobody says which."),
        summary=_("The message to %(number)s was blocked on its way; by whom is not told%(code)s."),
        after=_(
            "Our message did not get through to your phone. Look under unknown senders and spam. "
            "%(meanwhile)s"
        ),
        actions=(Action.SWITCH_ROUTE, Action.SEND_TEST_CODE, Action.TELL),
    ),
    Entry(
        CauseId.CARRIER_CONGESTED,
        Owner.CARRIER,
        Reach.METHOD,
        title=_("Network congested"),
        holds=_("The mobile network is congested or did not answer in time."),
        summary=_("The mobile network of %(number)s is congested%(code)s."),
        after=_("The mobile network is busy just now. Please ask for a new code in a minute."),
        actions=(Action.SEND_TEST_CODE, Action.SWITCH_ROUTE, Action.TELL),
    ),
    Entry(
        CauseId.CARRIER_DELAY,
        Owner.CARRIER,
        Reach.METHOD,
        title=_("Late on the network"),
        holds=_(
            "Taken by the provider and no receipt after 30 s where this route normally gives one, "
            "or delivered late."
        ),
        summary=_("%(what)s; usual on this route: %(usual)s."),
        after=_("Your message was handed to the network at %(at)s and %(came)s. %(way)s"),
        actions=(Action.SWITCH_ROUTE, Action.SEND_TEST_CODE, Action.TELL),
    ),
    Entry(
        CauseId.DELIVERED_NOT_TYPED,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("Delivered, not typed"),
        holds=_("The phone has the message, and no code was tried since."),
        summary=_("Delivered to %(number)s at %(at)s%(from)s; no code was typed since."),
        after=_(
            "The network says it was handed over at %(at)s%(from)s. Look under unknown senders and "
            "spam, and on any other phone with this number."
        ),
        actions=(Action.TELL, Action.SEND_TEST_CODE),
    ),
    Entry(
        CauseId.UNEXPLAINED,
        Owner.UNKNOWN,
        Reach.METHOD,
        title=_("Failed without a reason"),
        holds=_("The message failed and the provider gave no reason."),
        summary=_("The message to %(number)s failed, and %(provider)s gave no reason%(code)s."),
        after=_("Our message did not get through to your phone. %(meanwhile)s"),
        actions=(Action.SEND_TEST_CODE, Action.SWITCH_ROUTE, Action.TELL),
    ),
    Entry(
        CauseId.CODE_EXPIRED,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("Typed after its life"),
        holds=_("The right code was typed after its life."),
        summary=_("The right code was typed at %(at)s, %(seconds)s s after it had expired."),
        after=_("The code was right, but too old. Please ask for a new one and type it at once."),
        actions=(Action.TELL,),
    ),
    Entry(
        CauseId.CODE_SUPERSEDED,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("An older code was typed"),
        holds=_("The code of an earlier message was typed."),
        summary=_("The code typed at %(at)s belongs to an earlier message."),
        after=_("That was the code of an older message. Please use the one in the newest."),
        actions=(Action.TELL,),
    ),
)
