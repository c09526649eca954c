"""The program that gives people their names in the tables of the other programs, and alone holds the keys of them."""
