"""Proof: checkpoints, anchors, bundles, signatures of cards, the story of one call."""
