"""Signs events and delivers them to subscribers: in order per invoice, the same id on every try."""
