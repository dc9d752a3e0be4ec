-- One owner at a time restarts: takes the turn when nobody has it, or when who has it is gone.
--
-- KEYS[1] turn         string: owner that restarts
-- KEYS[2] leases       see lease.lua
-- ARGV    1 owner
-- Reply   {1} when it is this owner's turn
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] and redis.call('ZSCORE', KEYS[2], holder) then
  return {0}
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', 3600000)
return {1}
