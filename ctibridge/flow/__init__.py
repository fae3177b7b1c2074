"""Facts travel right: carries what one room says to the next, and what a desk asks for back to its room."""
