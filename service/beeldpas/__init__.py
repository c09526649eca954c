"""beeldpas: patients share their medical images straight from the hospitals that keep them."""
