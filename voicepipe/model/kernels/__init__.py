"""Products and attention laid out for the machine, each beside its plain form."""
