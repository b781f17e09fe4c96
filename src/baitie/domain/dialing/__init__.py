"""When and how to try (外呼): the attempt machine, the lead queue, retries, leases, pacing."""
