-- Errors and coroutines: everything that leaves many frames at once.
print(pcall(error, "plain", 0))
print(pcall(function() local nothing; return nothing.field end))
print(select("#", pcall(string.rep)), (select(2, pcall(string.rep))))

local function nested(depth)
  if depth == 0 then error("from the depth") end
  local ok, message = pcall(nested, depth - 1)
  error(message, 0)
end
print(pcall(nested, 50))

local sum = 0
for i = 1, 20000 do
  local ok, value = pcall(error, i)
  if not ok then sum = sum + value end
end
print(sum)

local function endless(n) return 1 + endless(n + 1) end
local ok, message = pcall(endless, 1)
print(ok, message:match("stack overflow"))

print(xpcall(function() error({ code = 42 }) end, function(e) return "handled " .. e.code end))
print(xpcall(function() local x = {} + 1 end, function(e) return (e:gsub("^.-:%d+: ", "")) end))

local log = {}
local function closing(name)
  return setmetatable({}, { __close = function(_, e) log[#log + 1] = name .. ":" .. tostring(e) end })
end
print(pcall(function()
  local a <close> = closing("a")
  local b <close> = closing("b")
  error("leaving", 0)
end))
print(table.concat(log, " "))

local generate = coroutine.wrap(function(first)
  local next = first
  for i = 1, 3 do next = coroutine.yield(next * i) end
  return "done"
end)
print(generate(10), generate(20), generate(30), generate(40))
print(pcall(generate))

-- Yields across protected calls, errors across coroutines.
local co = coroutine.create(function()
  local ok, e = pcall(function()
    coroutine.yield("inside pcall")
    error("after the yield", 0)
  end)
  coroutine.yield(ok, e)
  error("the end", 0)
end)
print(coroutine.resume(co))
print(coroutine.resume(co))
print(coroutine.resume(co))
print(coroutine.status(co), coroutine.resume(co))

local workers = {}
for i = 1, 500 do
  workers[i] = coroutine.wrap(function()
    local total = 0
    while true do total = total + coroutine.yield(total) end
  end)
  workers[i]()
end
local total = 0
for round = 1, 20 do
  for i = 1, #workers do total = total + workers[i](i) end
end
print(total)

print(load("return 1 +"))
print(pcall(load, "x ="))
print(load("return ...")(1, 2, 3))
print(pcall(setmetatable, 1, {}))
print(pcall(string.format, "%d", 1.5))
print(1.0 // 0, pcall(function() return 1 // 0 end))
print(pcall(function() return 2^63 | 0 end))
print(pcall(function() return 1 % 0 end))
