"""OpenAI's protocols: chat completions, responses, embeddings, lists of models."""
