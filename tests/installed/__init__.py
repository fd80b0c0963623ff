"""The command as its users have it: installed from a wheel, without a checkout."""
