module weir/tests/parsers

go 1.19
