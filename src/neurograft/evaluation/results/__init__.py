"""Tables and sentences, made from predictions."""
