module wasmine.invalid/bench

go 1.24
