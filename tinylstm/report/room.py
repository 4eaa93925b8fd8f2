"""What a page has room for: 1.5 MB, of which its own sources take half a megabyte.

A number takes 16/3 bytes, a float32 in base64, so 188,000 have room: the shares below. What weights
leave of theirs is the samples'. Where the least of something takes more than its share, one sample
or two epochs, the page is so much larger.
"""

BYTES = 1_500_000
SOURCES = 495_000
EACH = 16 / 3  # bytes of a number

NUMBERS = 56_000  # of the samples: gates, states and their gradients, inputs, outputs and targets
WEIGHTS = 60_000
EPOCHS = 25_000  # weights of the epochs that were recorded, all together
INFLUENCES = 20_000
BOXES = 27_000  # as many bytes: of the ways of the state, in words

OF_STEP = 4  # numbers of a step of a layer: norms of its gradients, and whether it is masked
FOLLOWED = 4  # likewise of a step of a sample: what units may follow

SAMPLES = 200  # more are not shown
STEPS = 300  # of a sample
UNITS = 50  # of a layer
