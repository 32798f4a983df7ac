import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('smsproviders', '0004_pauses'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProviderCondition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('access', 'Credentials and account'), ('balance', 'Balance'), ('breaker', 'Breaker'), ('reports', 'Delivery reports')], max_length=8)),
                ('state', models.TextField(blank=True)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('told_state', models.TextField(blank=True)),
                ('told_at', models.DateTimeField(null=True)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ProviderTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began_at', models.DateTimeField(verbose_name='began')),
                ('counted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('calls', models.PositiveIntegerField(default=0)),
                ('successes', models.PositiveIntegerField(default=0)),
                ('codes', models.PositiveIntegerField(default=0)),
                ('typed', models.PositiveIntegerField(default=0)),
                ('answers', models.JSONField(default=dict)),
                ('arrivals', models.JSONField(default=dict)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AlterModelOptions(
            name='smsprovider',
            options={'ordering': ['priority', 'caption'], 'permissions': [('check_smsprovider', 'Can check an SMS provider'), ('send_test_sms', 'Can send a test SMS'), ('reset_breaker', 'Can reset a breaker of an SMS provider')], 'verbose_name': 'SMS provider', 'verbose_name_plural': 'SMS providers'},
        ),
        migrations.AddField(
            model_name='smsprovider',
            name='credentials_cause',
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name='smsprovider',
            name='report_missed_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='smsprovider',
            name='report_received_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='smsprovider',
            name='report_refused_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='smsprovider',
            name='reports_missed',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='smsprovider',
            name='reports_refused',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='smsprovider',
            name='sender_result',
            field=models.CharField(choices=[('ok', 'OK'), ('problem', 'Problem'), ('unknown', 'Unknown')], default='unknown', editable=False, max_length=8),
        ),
        migrations.AddField(
            model_name='smsprovider',
            name='sender_words',
            field=models.CharField(blank=True, editable=False, max_length=300),
        ),
        migrations.AddIndex(
            model_name='providercheck',
            index=models.Index(fields=['at'], name='check_by_time'),
        ),
        migrations.AddField(
            model_name='providercondition',
            name='provider',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='smsproviders.smsprovider'),
        ),
        migrations.AddField(
            model_name='providertally',
            name='provider',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='smsproviders.smsprovider'),
        ),
        migrations.AddConstraint(
            model_name='providercondition',
            constraint=models.UniqueConstraint(fields=('provider', 'kind'), name='condition_kept_once'),
        ),
        migrations.AddIndex(
            model_name='providertally',
            index=models.Index(fields=['began_at'], name='tally_by_time'),
        ),
        migrations.AddConstraint(
            model_name='providertally',
            constraint=models.UniqueConstraint(fields=('provider', 'began_at'), name='tally_kept_once'),
        ),
    ]
