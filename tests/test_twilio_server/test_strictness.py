"""What Twilio refuses is refused, with Twilio's code; what only faulty code sends is recorded."""

from typing import Any

import pytest
import requests

from tests.test_twilio_server.conftest import PHONE, Send
from tests.twilio_server import AccountStatus, AccountType, TwilioServer

SERVICE = "MG" + "8cf2" * 8


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": None}, 21604),
        ({"To": "07700900123"}, 21211),
        ({"To": "+0447700900123"}, 21211),
        ({"To": "+44 7700 900123"}, 21211),
        ({"Body": None}, 21602),
        ({"Body": " "}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"From": None}, 21603),
        ({"MessagingServiceSid": SERVICE}, 21603),
        ({"From": "+44 20 nonsense"}, 21212),
        ({"From": "+447700900555"}, 21606),
        ({"From": "BackOffice", "To": "+15005550010"}, 21612),
        ({"From": None, "MessagingServiceSid": "MG123"}, 21705),
        ({"From": None, "MessagingServiceSid": "MG" + "0" * 32}, 21701),
        ({"ValidityPeriod": "0"}, 21624),
        ({"ValidityPeriod": "36001"}, 21624),
        ({"ValidityPeriod": "5.5"}, 21624),
        ({"StatusCallback": "/reports/"}, 21609),
        ({"StatusCallback": "ftp://example.com/"}, 21609),
        ({"StatusCallback": "https://back_office.example/"}, 21609),
        ({"ContentRetention": "discard"}, 30029),
        ({"AddressRetention": "obfuscate"}, 30030),
        ({"RiskCheck": "yes"}, 20001),
        ({"ProvideFeedback": "True"}, 20001),
        ({"Attempt": "0"}, 20001),
        ({"to": PHONE}, 20001),
    ],
)
def test_a_bad_send_is_refused_with_its_code(
    send: Send, twilio: TwilioServer, changes: dict[str, Any], code: int
) -> None:
    response = send(**changes)
    assert response.status_code == 400
    assert response.json()["code"] == code
    assert response.json()["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert response.json()["status"] == 400
    assert twilio.messages == []


def test_the_longest_body_and_validity_are_taken(send: Send) -> None:
    response = send(Body="x" * 1600, ValidityPeriod="36000")
    assert response.status_code == 201
    assert response.json()["num_segments"] == "11"


def test_a_text_beyond_gsm_takes_segments_of_seventy(send: Send) -> None:
    assert send(Body="ё" * 70).json()["num_segments"] == "1"
    assert send(Body="ё" * 71).json()["num_segments"] == "2"
    assert send(Body="€" * 81).json()["num_segments"] == "2"


def test_retention_is_taken_where_message_privacy_is_enabled(
    send: Send, twilio: TwilioServer
) -> None:
    twilio.change_account(message_privacy=True)
    assert send(ContentRetention="discard", AddressRetention="obfuscate").status_code == 201


def test_a_json_body_is_refused(twilio: TwilioServer, http: requests.Session) -> None:
    response = http.post(
        f"{twilio.url}{twilio.account.uri}/Messages.json",
        json={"To": PHONE},
        auth=(twilio.account.sid, twilio.account.auth_token),
        timeout=5,
    )
    assert (response.status_code, response.json()["code"]) == (415, 19056)
    assert twilio.violations


def test_a_parameter_given_twice_is_refused(send: Send, twilio: TwilioServer) -> None:
    response = send(To=[PHONE, PHONE])
    assert (response.status_code, response.json()["code"]) == (400, 20001)
    assert twilio.violations


@pytest.mark.parametrize("auth", [None, ("AC" + "5ad0" * 8, "wrong"), ("AC" + "1" * 32, "wrong")])
def test_wrong_credentials_are_refused(
    get: Send, twilio: TwilioServer, auth: tuple[str, str] | None
) -> None:
    response = get("/Balance.json", auth=auth)
    assert (response.status_code, response.json()["code"]) == (401, 20003)
    assert twilio.violations == []


def test_the_path_of_another_account_is_not_found(
    twilio: TwilioServer, http: requests.Session
) -> None:
    account = twilio.account
    response = http.get(
        f"{twilio.url}/2010-04-01/Accounts/AC{'0' * 32}/Balance.json",
        auth=(account.sid, account.auth_token),
        timeout=5,
    )
    assert (response.status_code, response.json()["code"]) == (404, 20404)
    assert twilio.violations == []


def test_an_unknown_path_and_method_are_violations(
    twilio: TwilioServer, http: requests.Session
) -> None:
    assert http.get(f"{twilio.url}/2010-04-01/Nothing.json", timeout=5).json()["code"] == 20404
    response = http.put(f"{twilio.url}{twilio.account.uri}/Messages.json", timeout=5)
    assert (response.status_code, response.json()["code"]) == (405, 20004)
    assert len(twilio.violations) == 2
    with pytest.raises(AssertionError, match=r"Nothing\.json"):
        twilio.assert_no_violations()


def test_test_credentials_send_to_nobody_and_read_nothing(
    send: Send, get: Send, twilio: TwilioServer
) -> None:
    twilio.change_account(test_credentials=True)
    for path in ("/Balance.json", ".json"):
        response = get(path)
        assert (response.status_code, response.json()["code"]) == (403, 20008)
    assert send().json()["code"] == 21606
    assert send(From="+15005550006", To="+15005550009").json()["code"] == 21614
    assert send(From="+15005550006").json()["status"] == "queued"
    twilio.wait_until_idle()
    assert [message.status for message in twilio.messages] == ["queued"]


def test_a_suspended_account_is_readable_and_sends_nothing(
    send: Send, get: Send, twilio: TwilioServer
) -> None:
    twilio.change_account(status=AccountStatus.SUSPENDED)
    response = send()
    assert (response.status_code, response.json()["code"]) == (403, 20005)
    assert get(".json").json()["status"] == "suspended"


def test_a_trial_account_sends_to_verified_numbers_only(send: Send, twilio: TwilioServer) -> None:
    twilio.change_account(type=AccountType.TRIAL)
    assert send().json()["code"] == 21608
    twilio.change_account(verified_numbers=(PHONE,))
    assert send().json()["body"].startswith("Sent from your Twilio trial account - ")


def test_a_subaccount_has_no_balance(get: Send, twilio: TwilioServer) -> None:
    twilio.change_account(owner_sid="AC" + "9" * 32)
    assert get("/Balance.json").json()["balance"] is None


def test_feedback_needs_a_message_that_asked_for_it(
    send: Send, twilio: TwilioServer, http: requests.Session
) -> None:
    sid = send().json()["sid"]
    auth = (twilio.account.sid, twilio.account.auth_token)
    address = f"{twilio.url}{twilio.account.uri}/Messages/{sid}/Feedback.json"
    response = http.post(address, data={"Outcome": "confirmed"}, auth=auth, timeout=5)
    assert response.status_code == 404
    assert http.post(address, data={"Outcome": "yes"}, auth=auth, timeout=5).status_code == 400


def test_a_request_is_recorded_with_its_form_user_and_time(
    send: Send, twilio: TwilioServer
) -> None:
    send(Attempt="3")
    [request] = twilio.wait_for_requests(1)
    assert (request.method, request.path) == ("POST", f"{twilio.account.uri}/Messages.json")
    assert request.form["Attempt"] == "3"
    assert request.auth_user == twilio.account.sid
    assert request.at.tzinfo is not None
    assert twilio.account.auth_token not in repr(request)


def test_a_reset_forgets_everything(send: Send, twilio: TwilioServer) -> None:
    twilio.change_account(balance="0.01")
    send(Nonsense="1")
    send()
    twilio.reset()
    assert (twilio.requests, twilio.messages, twilio.violations) == ([], [], [])
    assert twilio.account.balance == "12.3400"
    assert send().status_code == 201


def test_more_sends_than_the_account_may_make_in_a_second_are_refused(
    send: Send, twilio: TwilioServer
) -> None:
    twilio.change_account(sends_per_second=2)
    assert [send().status_code for _ in range(4)] == [201, 201, 429, 429]
    assert len(twilio.messages) == 2
