-- One owner at a time restarts: takes the turn when nobody has it, or when the owner that has it is gone and its
-- successor is there.
--
-- KEYS[1] turn         hash: 'owner' that restarts, 'gone' when it was first found to be gone, ms
-- KEYS[2] leases       see lease.lua
-- ARGV    1 owner, 2 live owners there have to be before the next one restarts, 3 how long to wait for them, ms
-- Reply   {1 when it is this owner's turn, else 0; how many owners live}
local call = redis.call
local holder = call('HGET', KEYS[1], 'owner')
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function ms(value)
  return string.format('%.0f', value)
end
local live = call('ZCOUNT', KEYS[2], ms(now), '+inf')
if holder == ARGV[1] then
  return {1, live}
end
if holder then
  local ends = call('ZSCORE', KEYS[2], holder)
  if ends and tonumber(ends) > now then
    return {0, live}
  end
  if live < tonumber(ARGV[2]) then
    call('HSETNX', KEYS[1], 'gone', ms(now))
    if now - tonumber(call('HGET', KEYS[1], 'gone')) < tonumber(ARGV[3]) then
      return {0, live}
    end
  end
end
call('DEL', KEYS[1])
call('HSET', KEYS[1], 'owner', ARGV[1])
call('PEXPIRE', KEYS[1], 3600000)
return {1, live}
