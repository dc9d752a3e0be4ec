-- Prolongs one owner's lease and takes over the duty to remove the entries of owners whose leases ended.
--
-- KEYS[1] leases       sorted set: owner -> when its lease ends, ms
-- KEYS[2] doomed       sorted set: owner whose lease ended -> when its removal began or began again, ms
-- ARGV    1 owner, 2 lease ms, 3 '1' when the caller may judge others, 4 'beat', 'first' (register), 'leave' or
--         'buried', 5 the owner buried
-- Reply   {1 alive or 0 lapsed, live owners, {owners to remove, …}, now ms}
local owner, lease, judges, what = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1', ARGV[4]
local call = redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value)
  return string.format('%.0f', value)
end

if what == 'leave' then
  if call('ZREM', KEYS[1], owner) == 1 then
    call('ZADD', KEYS[2], ms(now), owner)
  end
  return {1, call('ZCARD', KEYS[1]), {}, now}
end
if what == 'buried' then
  call('ZREM', KEYS[2], ARGV[5])
end

local alive = 1
if what == 'first' or call('ZSCORE', KEYS[1], owner) then
  call('ZADD', KEYS[1], ms(now + lease), owner)
else
  alive = 0
end

local remove = {}
if judges then
  for _, ended in ipairs(call('ZRANGEBYSCORE', KEYS[1], '-inf', ms(now), 'LIMIT', 0, 16)) do
    call('ZREM', KEYS[1], ended)
    call('ZADD', KEYS[2], ms(now), ended)
    remove[#remove + 1] = ended
  end
  for _, left in ipairs(call('ZRANGEBYSCORE', KEYS[2], '-inf', ms(now - lease), 'LIMIT', 0, 16)) do
    call('ZADD', KEYS[2], ms(now), left)
    remove[#remove + 1] = left
  end
end
return {alive, call('ZCOUNT', KEYS[1], ms(now), '+inf'), remove, now}
