"""What the use cases need of the outside, by role. Adapters and fakes fulfil these."""
