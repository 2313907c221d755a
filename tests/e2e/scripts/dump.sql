create table words (word text primary key, length integer generated always as (length(word)) virtual) without rowid;
insert into words (word) values ('alpha'), ('beta'), ('gamma''s'), ('délta');
create view long_words as select word from words where length > 4;
create table blobs (data blob, ratio real);
insert into blobs values (x'0001fe', 0.1), (zeroblob(4), -1e-300), (null, 9007199254740993.0);
select * from long_words;
