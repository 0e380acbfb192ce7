"""Whether faults point where they can be mended: places, patches and mends, apart from the code they try."""
