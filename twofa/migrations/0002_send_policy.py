from django.db import migrations, models

OUTCOMES = [
    ("queued", "queued"),
    ("cooldown", "asked again too soon"),
    ("cap_number", "too many to this number"),
    ("cap_account", "too many for this account"),
    ("cap_address", "too many from this address"),
    ("cap_prefix", "too many to similar numbers"),
    ("spend_country", "the hour's money for this country is spent"),
    ("spend_all", "the hour's money is spent"),
    ("prefix_paused", "similar numbers are paused: few codes are typed"),
    ("country_paused", "the country is paused: few codes are typed"),
    ("fraud_hold", "similar numbers are held: a provider suspects fraud"),
    ("country_closed", "country not served"),
    ("method_off", "the method is switched off"),
    ("locked", "locked after wrong codes"),
    ("number_refused", "not a valid number"),
    ("landline", "a landline, which takes no SMS"),
    ("no_number", "no number to send to"),
]


class Migration(migrations.Migration):
    dependencies = [("twofa", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="sendrequest",
            name="message_id",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="sendrequest",
            name="outcome",
            field=models.CharField(choices=OUTCOMES, max_length=14, verbose_name="outcome"),
        ),
        migrations.AddIndex(
            model_name="sendrequest",
            index=models.Index(
                condition=models.Q(("outcome", "queued")),
                fields=["user", "-at"],
                name="send_by_account",
            ),
        ),
    ]
