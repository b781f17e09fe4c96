"""What a campaign is: its plans, made once and not changed by a run."""
