"""What has happened in an organisation: the audit trail to read, to take away and to check."""
