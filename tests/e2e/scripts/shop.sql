-- A small shop: constraints, transactions, joins, aggregates, windows, recursion, JSON, dates, triggers.
.mode list
.headers on
pragma foreign_keys = on;
create table customer (id integer primary key, name text not null unique, since text);
create table item (id integer primary key, name text, price real check (price > 0));
create table sale (
  id integer primary key, customer_id references customer, item_id references item, count integer, day text
);
create index sale_by_customer on sale (customer_id, day);
create table log (event text, at integer default 0);
create trigger on_sale after insert on sale begin
  insert into log (event) values ('sale of ' || new.count || ' x ' || new.item_id);
end;

begin;
insert into customer (name, since)
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 40)
  select printf('customer %02d', i), date('2020-01-01', '+' || (i * 17) || ' days') from n;
insert into item (name, price)
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 25)
  select 'item ' || char(64 + i), round(i * i / 3.0 + 0.5, 2) from n;
insert into sale (customer_id, item_id, count, day)
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
  select 1 + i * 7919 % 40, 1 + i * 104729 % 25, 1 + i % 5, date('2021-01-01', '+' || (i % 365) || ' days') from n;
commit;

select count(*) as sales, sum(count) as pieces, min(day) as first, max(day) as last from sale;
select c.name, round(sum(s.count * i.price), 2) as spent
  from sale s join customer c on c.id = s.customer_id join item i on i.id = s.item_id
  group by c.id order by spent desc, c.name limit 5;
select strftime('%m', day) as month, sum(count) as pieces,
  sum(sum(count)) over (order by strftime('%m', day)) as running,
  rank() over (order by sum(count) desc) as place
  from sale group by month order by month;
select json_group_array(json_object('name', name, 'price', price)) from item where price < 5;
select json_extract('{"a": [1, {"b": "deep"}]}', '$.a[1].b') as deep, json_array_length('[1, 2, 3]') as three;
select substr(name, -2) as number, instr(name, '1') as one, replace(name, 'customer', 'c') as short
  from customer where name like '%1_' order by name desc limit 3;
explain query plan select * from sale where customer_id = 3 and day > '2021-06-01';

begin;
delete from sale where count > 1;
select count(*) from sale;
rollback;
select count(*) from sale;

savepoint outer_one;
update item set price = price * 2 where id <= 3;
savepoint inner_one;
update item set price = price + 1000;
rollback to inner_one;
release outer_one;
select name, price from item order by id limit 4;

create table copy as select * from sale order by item_id, id;
drop table log;
vacuum;
pragma integrity_check;
pragma page_count;
.mode box
select typeof(1) as a, typeof(1.0) as b, typeof('x') as c, typeof(null) as d, typeof(x'00') as e;
.mode json
select id, name from item where id between 2 and 3;
.mode csv
select 'a "quoted" one', 'with, comma', 3;
.tables
.schema item
