(memory 1 2 (pagesize 1))
(memory i64 3 (pagesize 65536))
(memory (pagesize 1) (data "abc"))
