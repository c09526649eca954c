"""Decoding pixels: in processes of their own, so that a hostile file meets no native decoder where we serve."""
