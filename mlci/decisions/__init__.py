"""From numbers beside a baseline to what blocks: strictness, the noise of training, the anchor, and waivers."""
