"""The first page of the Back Office: whether codes work now, for everybody."""
