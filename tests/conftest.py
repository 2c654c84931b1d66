"""How much hypothesis tries: `ci` by default and the same every time, `deep` by HYPOTHESIS_PROFILE=deep."""

import os

from hypothesis import HealthCheck, settings

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

settings.register_profile("ci", PATIENT, max_examples=50, derandomize=True)
settings.register_profile("deep", PATIENT, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
