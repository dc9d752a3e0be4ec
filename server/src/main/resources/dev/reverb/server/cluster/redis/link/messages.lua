-- Adds to the messages of one application.
--
-- KEYS[1] hash: 'sent', 'received', and 'since' when counting began, ms
-- ARGV    1 messages sent, 2 messages received, 3 ms until the hash is forgotten
-- Reply   {1}
local call = redis.call
local time = call('TIME')
call('HSETNX', KEYS[1], 'since', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
call('HINCRBY', KEYS[1], 'sent', ARGV[1])
call('HINCRBY', KEYS[1], 'received', ARGV[2])
call('PEXPIRE', KEYS[1], ARGV[3])
return {1}
