"""The words by which the no-inmate-data guard tells a person from a unit, a place or a group.

Lists of words, not of people: given names that are common in Indonesia, words that begin the name of an
office, and words that stand before a group. They are compared folded to small letters.
"""

from __future__ import annotations

GIVEN_NAMES = frozenset(
    """
    abdul abdullah abdurrahman achmad ade adi aditya adnan agung agus agustina ahmad ahmat aini
    aisyah ajeng akbar albert alex alfian alfred ali aliya alwi aman amelia amin amir ana anang anas
    andi andik andika andre andreas andri andy angga anggi anggun ani anisa anita anjar anton
    antonius anwar ardi ardiansyah arfan ari arief arif arifin aris arjuna arman arya asep asih
    asmawati astuti ayu azis aziz badrun bagas bagus bahar bahrul bakri bambang basri basuki bayu
    beni benny benyamin bima bobby budi budiman burhan cahya cahyo candra catur cecep chandra
    christian citra cucu dadan dadang dahlan damar dani daniel danu darma darmawan darto david dede
    dedi deni denny desi devi dewa dewi dian diana didi didik didin dika dimas dina dini dirman
    diyah djoko doni dony dul dwi edi edo eduard edy eka eko elias elisabeth endang endro erik erna
    ernawati erwin eva fadil fadli fahmi fahri fajar fandi farhan farid faris fatimah faturrahman
    fauzan fauzi febri ferdi ferdinand ferry firman fitri fitriani fransiskus fredi gatot gede
    gilang gunawan guntur gusti habib hadi hadianto hafid hafiz hamdan hamid hamzah handoko hani
    hanif hari hariyanto haryono hasan hasanuddin hendra hendri hendrik henry heri herman hermawan
    herry heru hidayat husein husin husni ibnu ibrahim ida idris ika ikhsan ilham imam iman imron
    ina indah indra indri inem intan ipin ira irawan irfan irma irwan isa iskandar ismail iwan
    jaenal jainudin jajang jaka jamal jamaludin jefri jimmy johan johanes john joko joni jonny jono
    joseph juanda jufri juli julianto jumadi junaedi junaidi kadek kadir kamal karim karjo karno
    karsa karta kartini kasim kemal ketut khairul kholil komang kristina kurnia kurniawan kusno
    lasmi leni leo lestari lia lilik lina linda lisa lucas luhut lukas lukman made mahmud maimunah
    malik maman manto marcus maria mariam mario markus marlina marno martin martinus marwan maryam
    maryati mas'ud mat maulana mawardi mega megawati melati mira misbah moch mochamad moh mohamad
    mohammad muchlis muhamad muhammad muhidin muhtar mukhlis muklis mulyadi mulyana mulyono munir
    murni mursid murti musa mustafa mustofa muzakir nana nanang nandar nasir nasrul neneng ngadimin
    ngatno nia nico nina ningsih nita noor nova novi novianti nugroho nur nuraini nurdin nurhayati
    nurul nyoman oki olga oman otong pandu pardi parjo parman paulus petrus pipit ponimin pras
    prasetyo pratama priyo puji purwanto putu qodir rachmat rahayu rahman rahmat rahmi raihan raka
    ramadhan ramdan ramli randi rangga rani rasyid ratna ratno refi rendi reni reno reza rian ridho
    rido ridwan rifai rifki rika riki rina rini rio riski risma rita rival riyan riyanto rizal rizki
    rizky robby robert rohman roni ronny rosa rosidi rosita rudi rudy rukmini rusdi ruslan rusli
    rusman ryan sabar saiful sakti saleh salim samsudin samsul samuel sandi sandra sandy santi santo
    santoso sapto sarah sari sarif sarip sarjono sarno sartika satrio satya setiawan setyo sidik
    sigit simon siti slamet sofyan soleh sri stefanus steven subagyo subandi subekti sudarsono
    sudirman sugeng sugiarto sugiono suhardi suharto suherman sujarwo sukarman sukarno sukirman
    sulaiman sulastri sulistyo sumarni sumarno sumiati sunardi sunarto sunaryo supardi suparman
    suparno supriadi supriyadi supriyanto suradi surya suryadi suryani susanti susanto susi susilo
    sutarno sutikno sutrisno suwarno suyatno suyono syafii syafri syahrul syaiful syamsul syarif
    tarjo tarno tatang taufik taufiq teddy teguh theresia tia tina tini tirta toha tomi tommy toni
    tono topan topik toto tri trisno tukiman tukul tulus tuti udin ujang ulfa umar umi untung usep
    usman utami utomo vera veronika vina wagiman wahid wahyu wahyudi wahyuni warno warsito wartini
    wati wawan wayan wendi widi widodo wildan wili william winda wira wiwin wulan yadi yani yanti
    yanto yasin yayan yayat yoga yogi yohanes yono yosef yoseph yudha yudhi yudi yuli yulia yuliana
    yulianto yunita yunus yusman yusril yusuf yusup zaenal zaenudin zainal zainudin zaki zulfikar
    zulkifli
    """.split()  # noqa: SIM905 -- a list of words reads best as words
)

NOT_NAMES = frozenset(
    """
    agama agustus aids aktif anak april asal asimilasi asing asrama asuh bali bandar bandung
    banjarmasin banten banyuwangi bapak bapas baru batam bekasi bengkulu bersama biasa bidang
    bimbingan bimker binaan binjai blitar blok bnn bnnk bnnp bogor budaya buddha ciamis cianjur
    cibinong cilacap cipinang cirebon cuti daerah dalam dan dapur demak denpasar depok desember
    dewasa di dinas direktorat dirjen ditjen ditjenpas dpr februari gabungan garut gedung gereja
    giatja golongan gorontalo gresik guru hindu hiv hukum hutan ibu idul indonesia instansi islam
    jakarta jambi jambore januari jawa jayapura jember juli jumat juni kabapas kabupaten kadivpas
    kajari kakanwil kalapas kalimantan kalimat kamar kamis kampus kanim kantor kanwil kapolres
    kapolri karanganyar karutan kasi kasubag kasubbag kasubsi katolik kbo kecamatan kedua kegiatan
    kejaksaan kejari kelas kelompok kemenimipas kemenkumham kementerian kendal kepala kepegawaian
    kerobokan kesehatan ketapang ketua khusus kompleks konghucu koperasi kota kpk kplp kpr kristen
    kudus kunjungan laki lama lampung lansia lapangan lapas lembaga lhokseumawe lingkungan lpas lpka
    lpn lpp luar lumajang madiun madrasah magang magelang mahkamah majelis majene makassar malang
    maluku manado maret masjid mataram medan mei menteri militer minggu modern muda muslim narkoba
    narkotika nasional nasrani natal negara negeri nias november nusa nusakambangan nyepi oktober
    oleh padang palangka palembang palu pamekasan pangkal papua para paroki partai paskibra pasuruan
    pati pegawai pekalongan pekanbaru pekerja pelaku pelatihan pemasyarakatan pembimbing pemda
    pemerintah pemkab pemkot pendidikan pengacara pengadilan pengawas pengguna penghuni pengunjung
    pengurus penjahit per perempuan peserta petugas pimpinan pks plh plt pns polisi politeknik
    polres polresta polri polsek pondok pontianak porong posbakum prabumulih pramuka produk program
    provinsi pura purwakarta purwokerto puskesmas rabu ramadan ramadhan raya residen residivis riau
    rumah rumkital rupbasan rutan sabtu sakit salemba samarinda sanggar satuan sekolah sekretaris
    seksi selasa selatan seluruh semarang semua senin sentul september serang setara siak sidoarjo
    singkawang sleman sma sman smp sragen subang subseksi sukabumi sukamiskin sulawesi sumatera
    sumbawa sumedang surabaya surakarta tahap taman tangerang tanjung tarakan tasikmalaya tegal
    teknis tembilahan ternate teroris terorisme tim timur tipikor tki tni tokoh tua tuban uin unit
    universitas upt usaha usia utara vihara waingapu waisak wajib wanita warga wates wbp wihara
    wiraguna wna wni wonogiri yang yayasan yogyakarta zona
    """.split()  # noqa: SIM905 -- a list of words reads best as words
)
"""Capitalised words after "WBP" and the like that begin a unit, a place, an office or a kind of group."""

OFFICES = frozenset(
    """
    kepala kalapas karutan kabapas kakanwil kadivpas kanwil direktur direktorat dirjen ditjen
    ditjenpas menteri sekretaris sekjen ketua pimpinan pejabat plh plt kasi kasubsi kasubbag kasubag
    kabag kabid koordinator instansi lembaga negara pemerintah unit satuan satker kementerian dinas
    lapas rutan bapas lpka upt semua seluruh masing kelompok tim yayasan koperasi perusahaan kantor
    bupati gubernur wali walikota camat rektor dekan kapolres kapolda kapolsek kejaksaan kajari
    pengadilan presiden organisasi panitia penjamin keluarga bersama institusi the a an his her
    their office
    """.split()  # noqa: SIM905 -- a list of words reads best as words
)
"""Words after "a.n." by which somebody signs for an office."""
