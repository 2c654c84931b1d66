"""How much hypothesis tries: `ci` by default and the same every time, `deep` by HYPOTHESIS_PROFILE=deep."""

import os

from hypothesis import HealthCheck, settings

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("ci", max_examples=50, deadline=None, derandomize=True, suppress_health_check=SLOW_IS_FINE)
settings.register_profile("deep", max_examples=2_000, deadline=None, print_blob=True, suppress_health_check=SLOW_IS_FINE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
