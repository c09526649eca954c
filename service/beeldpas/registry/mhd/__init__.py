"""The registry as an index of documents: IHE MHD with MADO manifests. It is off unless it is set."""
