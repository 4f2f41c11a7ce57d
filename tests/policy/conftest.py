from hypothesis import HealthCheck, settings

# Machines that run many things at once are slow now and then; a slow example is no wrong one.
settings.register_profile("portal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("portal")
