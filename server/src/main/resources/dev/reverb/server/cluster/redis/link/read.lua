-- Reads a partition's log from a position on, and, with its end reached, the state of channels at that end.
--
-- KEYS[1] log, KEYS[2] origins: see write.lua
-- ARGV    1 base of all keys,
--         2 id of the last entry known ('' at first: no entries are wanted, only where the log ends),
--         3 first bytes of that entry's frame ('' when unknown, '@' when 2 is a time and not an entry),
--         4 bytes after which a page ends, 5 '1' when the origins are wanted,
--         6 node that reads, then scopes of channels whose state is wanted
-- Reply   {history, id of the end, first bytes of the frame there, more, {id, frame, …}, {node, record, …},
--          {{owner:user, data, …}, cached, its ttl ms, subscriptions, end of history} per scope, identity of histories}
--         history: 1 the entries follow the known one without a gap, 0 they are all that the log still has
--         more: 1 when the page ended before the log did; then there is no state
local base, known, identity = ARGV[1], ARGV[2], ARGV[3]
local page, origins, node = tonumber(ARGV[4]), ARGV[5] == '1', ARGV[6]
local call = redis.call

-- Writes, unless Redis takes no writes at present, full or without its replicas: what it has can be read all the same,
-- and the next sweep notes how far. Other errors end the script, READONLY too: a replica may lack what its primary has.
local function note(...)
  local reply = redis.pcall(...)
  local err = type(reply) == 'table' and reply.err
  if err and not (string.find(err, 'OOM ', 1, true) or string.find(err, 'NOREPLICAS ', 1, true)
      or string.find(err, 'MISCONF ', 1, true)) then
    call(...)
  end
end

local history, from = 1, '+'
if identity == '@' then
  from = '(' .. known
elseif known ~= '' then
  local entry = identity ~= '' and call('XRANGE', KEYS[1], known, known)[1]
  if entry and string.sub(entry[2][2], 1, #identity) == identity then
    from = '(' .. known
  else
    history, from = 0, '-'
  end
end

local entries, bytes, more = {}, 0, 0
while from ~= '+' do
  local some = call('XRANGE', KEYS[1], from, '+', 'COUNT', 64)
  for _, entry in ipairs(some) do
    entries[#entries + 1] = entry[1]
    entries[#entries + 1] = entry[2][2]
    bytes = bytes + #entry[2][2]
    from = '(' .. entry[1]
    if bytes > page then
      break
    end
  end
  if bytes > page then
    more = 1
    break
  end
  if #some < 64 then
    from = '+'
  end
end

local id, first
if more == 1 then
  id, first = entries[#entries - 1], string.sub(entries[#entries], 1, 300)
else
  local tail = call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  if tail then
    id, first = tail[1], string.sub(tail[2][2], 1, 300)
  else
    local head = call('HMGET', KEYS[2], '#ms', '#seq')
    id, first = (head[1] or '0') .. '-' .. (head[2] or '0'), ''
  end
end

-- What it asks for it has not read yet: the log keeps that for it.
local read = tonumber(string.match(id, '(%d+)$'))
if entries[1] then
  read = tonumber(string.match(entries[1], '(%d+)$')) - 1
end
local time = call('TIME')
note('HSET', KEYS[2], '@' .. node, string.format('%.0f:%.0f', read, time[1] * 1000 + math.floor(time[2] / 1000)))

local states = {}
if more == 0 then
  for i = 7, #ARGV do
    local cache = base .. ':cache:' .. ARGV[i]
    local cached = call('GET', cache)
    local app, channel = string.match(ARGV[i], '^(.-):(.*)$')
    states[#states + 1] = {call('HGETALL', base .. ':pres:' .. ARGV[i]), cached, cached and call('PTTL', cache) or 0,
      call('HGET', base .. ':occ:' .. app, channel), call('GET', base .. ':hpos:' .. ARGV[i])}
  end
end
if more == 0 and #ARGV > 6 then
  note('HSETNX', KEYS[2], '#hist', string.format('%.0fx%s', time[1] * 1000000 + time[2], node))
end
return {history, id, first, more, entries, origins and call('HGETALL', KEYS[2]) or {}, states,
  call('HGET', KEYS[2], '#hist')}
