"""The five kinds of work that live delivery is measured by, against a running WorksBridge and the tutorial's chat."""
