"""From an encoder to answers: embeddings, pooling and probes."""
