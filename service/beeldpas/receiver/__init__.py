"""The new care provider's side: what was downloaded is checked here, without a network and without the hospital."""
